// SPDX-License-Identifier: Apache-2.0
package itests.lab.cases;

import itests.lab.peer.Camera;
import itests.lab.peer.Converter;
import itests.lab.peer.DrmCard;
import itests.lab.peer.Engine;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/** Why a case cannot be shown on this kernel or machine: a kernel may lack a driver, and a guest a device. */
final class Needs {
    private Needs() {}

    private static Optional<String> unless(boolean there, String what) {
        return there ? Optional.empty() : Optional.of(what);
    }

    static Optional<String> nothing() {
        return Optional.empty();
    }

    static Optional<String> node(String path, String option) {
        return unless(Files.exists(Path.of(path)), "there is no " + path + ": this kernel lacks " + option);
    }

    static Optional<String> systemHeap() {
        return node("/dev/dma_heap/system", "CONFIG_DMABUF_HEAPS_SYSTEM");
    }

    static Optional<String> cma() {
        return node("/dev/dma_heap/reserved", "CONFIG_DMABUF_HEAPS_CMA");
    }

    static Optional<String> udmabuf() {
        return node("/dev/udmabuf", "CONFIG_UDMABUF");
    }

    static Optional<String> hugePages() {
        try {
            String pages = Files.readString(Path.of("/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages")).strip();
            return unless(!pages.equals("0"), "no huge pages are set aside: hugepages=0");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Optional<String> cameras(int count) {
        return unless(Camera.nodes().size() >= count, "fewer than " + count + " cameras: vivid.n_devs");
    }

    static Optional<String> converter() {
        return unless(!Converter.nodes().isEmpty(), "this kernel lacks CONFIG_VIDEO_VIM2M");
    }

    static Optional<String> card(String driver) {
        Optional<DrmCard> card = DrmCard.of(driver);
        card.ifPresent(DrmCard::close);
        return unless(card.isPresent(), "no DRM card has the driver " + driver);
    }

    static Optional<String> engine() {
        return unless(Engine.address().isPresent(), "this machine has no DMA engine: boot --device edu");
    }

    static Optional<String> iommu() {
        try (Stream<Path> groups = Files.list(Path.of("/sys/kernel/iommu_groups"))) {
            return unless(groups.findAny().isPresent(), "this machine has no IOMMU: boot --device iommu");
        } catch (IOException e) {
            return Optional.of("this kernel has no IOMMU: CONFIG_IOMMU_API");
        }
    }

    static Optional<String> noIommu() {
        return unless(iommu().isPresent(), "this machine has an IOMMU before the engine");
    }
}
