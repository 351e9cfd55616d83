// SPDX-License-Identifier: Apache-2.0
package itests;

import static org.assertj.core.api.Assertions.assertThat;

import aQute.bnd.build.Workspace;
import aQute.bnd.repository.fileset.FileSetRepository;
import biz.aQute.resolve.Bndrun;
import biz.aQute.resolve.RunResolution;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the gateway asks of a resolver: the same bndrun as the build's, with other bundles on offer. */
class ResolveIT {
    @TempDir
    Path folder;

    private RunResolution resolve(List<Path> bundles) throws Exception {
        Path run = Files.copy(Run.ROOT.resolve("cnf/gateway.bndrun"), folder.resolve("gateway.bndrun"));
        List<File> files = new ArrayList<>(bundles.stream().map(Path::toFile).toList());
        files.add(Bundles.framework().toFile());
        try (Bndrun bndrun = Bndrun.createBndrun(null, run.toFile())) {
            Workspace workspace = bndrun.getWorkspace();
            workspace.setOffline(true);
            workspace.addBasicPlugin(new FileSetRepository("bundles", files));
            return bndrun.resolve();
        }
    }

    @Test
    void theDistributionIsAnAnswer() throws Exception {
        RunResolution resolution = resolve(Bundles.all());
        assertThat(resolution.isOK()).as(resolution.report(false)).isTrue();
        assertThat(resolution.getRunBundles()).hasSameSizeAs(Bundles.all());
    }

    @ParameterizedTest
    @ValueSource(strings = {"contig", "system", "iommu"})
    void withoutAnAllocatorItIsNone(String type) throws Exception {
        List<Path> others = new ArrayList<>(Bundles.all());
        others.removeAll(Bundles.named("allocator." + type + "-"));
        RunResolution resolution = resolve(others);
        assertThat(resolution.isOK()).isFalse();
        assertThat(resolution.exception).hasMessageContaining("dmabuf.allocator").hasMessageContaining("(type=" + type + ")");
    }
}
