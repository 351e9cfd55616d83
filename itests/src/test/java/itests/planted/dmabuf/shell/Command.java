// SPDX-License-Identifier: Apache-2.0
package itests.planted.dmabuf.shell;

/** Stands for the inside of the shell. */
public final class Command {}
