// SPDX-License-Identifier: Apache-2.0
package dmabuf.api;

/**
 * The state of one attachment.
 *
 * @param device the full name of the device
 * @param path the way that the negotiation chose for it
 * @param mappings how many mappings are active
 * @param earlyMaps how many later attaches could not join because this device's map had fixed the storage
 */
public record AttachmentInfo(String device, DmaPath path, int mappings, int earlyMaps) {}
