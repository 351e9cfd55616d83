// SPDX-License-Identifier: Apache-2.0
package dmabuf.api;

import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * One thing that is open, and whose it is. Two pictures of the same thing are equal.
 *
 * @param kind what it is
 * @param owner the bundle that opened it
 * @param buffer the number of its buffer
 * @param bufferName the name of its buffer
 * @param device the device that it is for; empty for the CPU's own, references and fences
 * @param since when it was opened; empty where the leak level was {@code off} then
 * @param site where in the owner's code it was opened: the innermost frames outside the runtime; empty unless the leak level
 *     was {@code full} then
 */
public record HoldingInfo(
        HoldingKind kind, String owner, long buffer, String bufferName, Optional<String> device,
        Optional<Instant> since, List<StackTraceElement> site) {
    /** Checks for nulls and copies the frames. */
    public HoldingInfo {
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(owner, "owner");
        Objects.requireNonNull(bufferName, "bufferName");
        Objects.requireNonNull(device, "device");
        Objects.requireNonNull(since, "since");
        site = List.copyOf(site);
    }
}
