// SPDX-License-Identifier: Apache-2.0

/**
 * Allocators that break one promise each, and the sound one that they are made of. {@link itests.CertifyIT} packs each
 * into a bundle of its own.
 */
package itests.broken;
