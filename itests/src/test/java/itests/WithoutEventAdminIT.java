// SPDX-License-Identifier: Apache-2.0
package itests;

import static itests.Stage.patiently;
import static org.assertj.core.api.Assertions.assertThat;

import dmabuf.api.BufferRequest;
import dmabuf.api.DmaBufEvent;
import dmabuf.api.DmaBufListener;
import dmabuf.api.Exporter;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.Test;
import org.osgi.framework.Bundle;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.wiring.BundleWiring;

/** A Felix that has no Event Admin, not even its package: the core runs, and listeners are told. */
public class WithoutEventAdminIT extends GatewayConfiguration {
    @Test
    public void theCoreRunsWithoutEventAdmin() throws Exception {
        Bundle admin = Arrays.stream(context.getBundles())
                .filter(bundle -> "org.apache.felix.eventadmin".equals(bundle.getSymbolicName()))
                .findFirst()
                .orElseThrow();
        admin.uninstall();
        Refresh.of(context, List.of(admin));
        List<DmaBufEvent> told = new CopyOnWriteArrayList<>();
        context.registerService(DmaBufListener.class, told::add, null);
        patiently().untilAsserted(() -> {
            ServiceReference<Exporter> exporter = context.getServiceReference(Exporter.class);
            assertThat(exporter).isNotNull();
            context.getService(exporter).create(BufferRequest.ofSize(4096).withName("without")).close();
            assertThat(told).extracting(event -> event.bufferName().orElse("")).contains("without");
        });
        Bundle core = context.getServiceReference(Exporter.class).getBundle();
        assertThat(core.getHeaders().get(Constants.IMPORT_PACKAGE)).contains("org.osgi.service.event");
        assertThat(core.adapt(BundleWiring.class).getRequiredWires("osgi.wiring.package"))
                .isNotEmpty()
                .noneMatch(wire -> wire.getCapability().getAttributes().containsValue("org.osgi.service.event"));
    }
}
