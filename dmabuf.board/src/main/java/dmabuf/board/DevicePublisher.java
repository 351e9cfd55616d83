// SPDX-License-Identifier: Apache-2.0
package dmabuf.board;

import dmabuf.api.Device;
import dmabuf.api.spi.Board.BoardDevice;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.ServiceRegistration;

/** Registers the devices of a board as services. Guarded by its owner. */
final class DevicePublisher {
    private static final String PREFIX = "dmabuf.device.";

    private final BundleContext bundle;
    private final List<ServiceRegistration<Device>> registrations = new ArrayList<>();

    DevicePublisher(BundleContext bundle) {
        this.bundle = bundle;
    }

    /** Registers devices, in their order. */
    void publish(List<BoardDevice> devices) {
        devices.forEach(device -> registrations.add(register(device)));
    }

    /** Takes all registrations back, the last first. */
    void withdraw() {
        for (ServiceRegistration<Device> registration : registrations.reversed()) {
            try {
                registration.unregister();
            } catch (IllegalStateException goneWithTheBundle) {
                // The framework was faster: what was to be done is done.
            }
        }
        registrations.clear();
    }

    private ServiceRegistration<Device> register(BoardDevice device) {
        Map<String, Object> properties = new HashMap<>();
        device.properties().forEach((key, value) -> properties.put(PREFIX + key, value));
        return bundle.registerService(Device.class, device.device(), FrameworkUtil.asDictionary(properties));
    }
}
