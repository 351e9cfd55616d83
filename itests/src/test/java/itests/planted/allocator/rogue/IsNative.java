// SPDX-License-Identifier: Apache-2.0
package itests.planted.allocator.rogue;

final class IsNative {
    native void call();
}
