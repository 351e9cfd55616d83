// SPDX-License-Identifier: Apache-2.0
package itests.lab.peer;

/**
 * How a frame lies in memory.
 *
 * @param width pixels of a line
 * @param height lines
 * @param pixel how a pixel lies
 * @param stride bytes from one line to the next
 * @param byteSize bytes of the whole frame
 */
public record FrameFormat(int width, int height, PixelFormat pixel, int stride, int byteSize) {}
