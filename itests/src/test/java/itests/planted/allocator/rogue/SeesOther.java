// SPDX-License-Identifier: Apache-2.0
package itests.planted.allocator.rogue;

import itests.planted.allocator.other.Pool;

final class SeesOther {
    final Pool seen = new Pool();
}
