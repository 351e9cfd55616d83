// SPDX-License-Identifier: Apache-2.0
package dmabuf.board;

import dmabuf.api.spi.Doctor;
import dmabuf.api.spi.Finding;
import dmabuf.api.spi.IommuService;
import dmabuf.api.spi.MemoryService;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;

/** Looks at the machine by its files and by asking the bundle dmabuf.linux. */
@Component
public final class Examination implements Doctor {
    private final MemoryService memory;
    private final Sysfs sysfs;

    @Reference(
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    private volatile @Nullable IommuService iommu;

    /** Looks at this machine. */
    @Activate
    public Examination(@Reference MemoryService memory) {
        this(memory, new Sysfs(Path.of("/")));
    }

    Examination(MemoryService memory, Sysfs sysfs) {
        this.memory = memory;
        this.sysfs = sysfs;
    }

    @Override
    public List<Finding> examine() {
        return Stream.of(
                        new MemoryFindings(memory, sysfs).all(),
                        new IommuFindings(Optional.ofNullable(iommu), sysfs).all(),
                        new NodeFindings(sysfs).all(),
                        new LimitFindings(memory, sysfs).all(),
                        new KernelOptions(sysfs).findings())
                .flatMap(List::stream)
                .toList();
    }
}
