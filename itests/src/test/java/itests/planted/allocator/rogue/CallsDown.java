// SPDX-License-Identifier: Apache-2.0
package itests.planted.allocator.rogue;

import java.lang.foreign.Linker;

final class CallsDown {
    final Linker linker = Linker.nativeLinker();
}
