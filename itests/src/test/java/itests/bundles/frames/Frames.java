// SPDX-License-Identifier: Apache-2.0
package itests.bundles.frames;

import dmabuf.api.Attachment;
import dmabuf.api.BufferRequest;
import dmabuf.api.CpuAccess;
import dmabuf.api.CpuMode;
import dmabuf.api.Device;
import dmabuf.api.Direction;
import dmabuf.api.DmaBuf;
import dmabuf.api.DmaConstraints;
import dmabuf.api.DmaPath;
import dmabuf.api.Exporter;
import dmabuf.api.Mapping;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.LongStream;
import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;

/**
 * A consumer of buffers as declarative services make one: there while an exporter is there. It lets go of nothing when it
 * is deactivated. Driven by words, so that who drives it need not know the API: {@code enter} fills it with use of every
 * kind, {@code leave} ends that and answers what was wrong with it, {@code use} lets one frame go its way; {@code keep}
 * fills a frame, and {@code kept} counts what the handle of then still finds of it.
 */
@Component(service = Function.class)
public final class Frames implements Function<String, Object> {
    private static final String CAMERA = "frames.camera";

    private final Exporter exporter;
    private final ServiceRegistration<Device> camera;
    private final InUse inUse = new InUse();
    private Optional<DmaBuf> kept = Optional.empty();

    @Activate
    public Frames(BundleContext context, @Reference Exporter exporter) {
        this.exporter = exporter;
        Device device = Device.of(CAMERA, List.of(DmaPath.of(DmaConstraints.NEUTRAL)));
        this.camera = context.registerService(
                Device.class, device, FrameworkUtil.asDictionary(Map.of(Device.NAME, CAMERA)));
    }

    @Deactivate
    void deactivate() {
        camera.unregister();
    }

    @Override
    public Object apply(String word) {
        return switch (word) {
            case "enter" -> inUse.enter(exporter, CAMERA);
            case "leave" -> inUse.leave();
            case "use" -> use();
            case "keep" -> keep();
            case "kept" -> kept();
            default -> throw new IllegalArgumentException(word);
        };
    }

    private String use() {
        try (DmaBuf frame = exporter.create(BufferRequest.ofSize(100_000));
                Attachment attachment = frame.attach(CAMERA);
                Mapping mapping = attachment.map(Direction.BIDIRECTIONAL)) {
            try (CpuAccess access = frame.beginCpuAccess(CpuMode.WRITE)) {
                access.segment().fill((byte) 9);
            }
            try (CpuAccess access = frame.beginCpuAccess(CpuMode.READ)) {
                return mapping.table().byteSize() + " " + access.segment().get(ValueLayout.JAVA_BYTE, 99_999);
            }
        }
    }

    private long keep() {
        DmaBuf frame = exporter.create(BufferRequest.ofSize(100_000));
        try (CpuAccess access = frame.beginCpuAccess(CpuMode.WRITE)) {
            access.segment().fill((byte) 5);
        }
        kept = Optional.of(frame);
        return frame.id();
    }

    private long kept() {
        try (CpuAccess access = kept.orElseThrow().beginCpuAccess(CpuMode.READ)) {
            MemorySegment segment = access.segment();
            return LongStream.range(0, segment.byteSize())
                    .filter(at -> segment.get(ValueLayout.JAVA_BYTE, at) == 5)
                    .count();
        }
    }
}
