// SPDX-License-Identifier: Apache-2.0
package itests.planted.allocator.rogue;

final class Loads {
    @SuppressWarnings("restricted") // never run
    void load() {
        System.loadLibrary("c");
    }
}
