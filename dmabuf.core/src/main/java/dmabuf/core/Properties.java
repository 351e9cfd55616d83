// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.Device;
import java.util.Map;
import java.util.TreeMap;
import org.osgi.framework.ServiceReference;

/** Reads the properties of a service without calling its bundle. */
final class Properties {
    private static final String DEVICE_PREFIX = Device.NAME.substring(0, Device.NAME.lastIndexOf('.') + 1);

    private Properties() {}

    static Map<String, Object> of(ServiceReference<?> reference) {
        Map<String, Object> properties = new TreeMap<>();
        for (String key : reference.getPropertyKeys()) {
            properties.put(key, reference.getProperty(key));
        }
        return properties;
    }

    /** Returns the properties of a device without their prefix. */
    static Map<String, Object> ofDevice(ServiceReference<Device> reference) {
        Map<String, Object> properties = new TreeMap<>();
        of(reference).forEach((key, value) -> {
            if (key.startsWith(DEVICE_PREFIX)) {
                properties.put(key.substring(DEVICE_PREFIX.length()), value);
            }
        });
        return properties;
    }
}
