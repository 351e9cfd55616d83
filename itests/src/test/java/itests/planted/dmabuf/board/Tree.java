// SPDX-License-Identifier: Apache-2.0
package itests.planted.dmabuf.board;

/** Stands for the inside of the board. */
public final class Tree {}
