// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import static checkers.input.Documented.check;

import checkers.input.Documented;
import dmabuf.api.Attachment;
import dmabuf.api.BufferRequest;
import dmabuf.api.Device;
import dmabuf.api.Direction;
import dmabuf.api.DmaBuf;
import dmabuf.api.DmaPath;
import dmabuf.api.Exporter;
import dmabuf.api.Mapping;
import dmabuf.api.Reason;
import dmabuf.api.spi.AllocatorSpec;
import dmabuf.api.spi.MemoryService;
import dmabuf.api.spi.Sandbox;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What an allocator returns: two buffers are mapped for one device after the other, late ones too, and get whatever the input
 * says ({@link StorageScript}). Either they are refused, or each device's table keeps to that device's limits. Afterwards
 * everything is back.
 */
public final class StorageInput {
    private static final MemoryService MEMORY = CoreDoor.memory();
    private static final Set<Reason> REFUSALS = EnumSet.of(
            Reason.INVALID, Reason.INCOMPATIBLE, Reason.NO_ALLOCATOR, Reason.OUT_OF_MEMORY, Reason.FRAGMENTED,
            Reason.TOO_COMPLEX, Reason.BUSY);

    private StorageInput() {}

    /** Takes an input of the fuzzer. */
    public static void fuzzerTestOneInput(byte[] input) {
        Documented.or(REFUSALS, () -> StorageScript.of(input)).ifPresent(StorageInput::run);
        check(MEMORY.inUse() == 0, "bytes that are still out: " + MEMORY.inUse());
    }

    private static void run(StorageScript script) {
        ScriptedStorage allocator = new ScriptedStorage(script);
        try (Sandbox sandbox = CoreDoor.sandbox(MEMORY)) {
            sandbox.addAllocator(AllocatorSpec.of("scripted", "scripted", 0), allocator);
            for (int i = 0; i < script.devices().size(); i++) {
                sandbox.addDevice(Device.of("device" + i, List.of(script.devices().get(i))), Map.of());
            }
            List<Mapped> mapped = new ArrayList<>();
            buffer(sandbox.exporter("first"), script).ifPresent(mapped::add);
            buffer(sandbox.exporter("second"), script).ifPresent(mapped::add);
            TableCheck.apart(mapped.stream().flatMap(each -> each.mappings.stream()).toList(), script);
            mapped.forEach(each -> each.buffer.close());
        }
        allocator.checkReleased();
    }

    private record Mapped(DmaBuf buffer, List<Mapping> mappings) {}

    private static Optional<Mapped> buffer(Exporter exporter, StorageScript script) {
        return Documented.or(REFUSALS, () -> {
            DmaBuf buffer = exporter.create(BufferRequest.ofSize(script.byteSize()).withAlignment(script.alignment()));
            List<Mapping> mappings = new ArrayList<>();
            for (int i = 0; i < script.devices().size(); i++) {
                DmaPath path = script.devices().get(i);
                Attachment attachment = buffer.attach("device" + i);
                Documented.or(REFUSALS, () -> attachment.map(Direction.BIDIRECTIONAL)).ifPresent(mapping -> {
                    TableCheck.of(mapping, path, script.byteSize());
                    mappings.add(mapping);
                });
            }
            return new Mapped(buffer, mappings);
        });
    }
}
