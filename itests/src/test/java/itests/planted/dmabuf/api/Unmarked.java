// SPDX-License-Identifier: Apache-2.0
package itests.planted.dmabuf.api;

/** An interface of which nobody knows who implements it. */
public interface Unmarked {}
