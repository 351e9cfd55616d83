// SPDX-License-Identifier: Apache-2.0
package itests.planted.dmabuf.core;

/** Stands for the inside of the core. */
public final class Inside {}
