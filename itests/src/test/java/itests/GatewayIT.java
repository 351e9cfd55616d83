// SPDX-License-Identifier: Apache-2.0
package itests;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.Test;
import org.osgi.framework.Bundle;

public class GatewayIT extends GatewayConfiguration {

    @Test
    public void everyBundleIsActive() {
        assertThat(Arrays.stream(context.getBundles()).filter(bundle -> bundle.getState() != Bundle.ACTIVE)).isEmpty();
    }

    @Test
    public void ourBundlesAreThere() {
        assertThat(Arrays.stream(context.getBundles()).map(Bundle::getSymbolicName))
                .contains(
                        "dmabuf.api",
                        "dmabuf.core",
                        "dmabuf.linux",
                        "dmabuf.board",
                        "dmabuf.shell",
                        "allocator.contig",
                        "allocator.system",
                        "allocator.iommu");
    }

    @Test
    public void onlyTheApiExportsPackages() {
        assertThat(ours().filter(bundle -> bundle.getHeaders().get("Export-Package") != null).map(Bundle::getSymbolicName))
                .containsExactly("dmabuf.api");
    }

    private Stream<Bundle> ours() {
        return Arrays.stream(context.getBundles()).filter(bundle -> bundle.getSymbolicName().matches("(dmabuf|allocator)\\..*"));
    }
}
