// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import static org.assertj.core.api.Assertions.assertThat;

import dmabuf.api.Device;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;
import org.osgi.service.log.Logger;

/** What becomes of a service whose properties change. */
class CoreComponentTest {
    private final Bench bench = new Bench();
    private final List<String> errors = new CopyOnWriteArrayList<>();
    private final Map<String, Object> properties = new ConcurrentHashMap<>();
    private final Device gpu = Device.of("gpu", List.of(Bench.path("")));
    private final ServiceReference<Device> reference = reference();
    private final CoreComponent component = new CoreComponent(
            doubleOf(BundleContext.class, (_, _, _) -> null), Map.of(), bench.memory, logger());

    @AfterEach
    void nothingIsLeft() {
        component.stop();
        bench.close();
    }

    private static <T> T doubleOf(Class<T> type, InvocationHandler handler) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
    }

    private Logger logger() {
        return doubleOf(Logger.class, (_, method, values) -> {
            if (method.getName().equals("error")) {
                errors.add(values[0] + " " + List.of((Object[]) values[1]));
            }
            return null;
        });
    }

    @SuppressWarnings("unchecked")
    private ServiceReference<Device> reference() {
        Bundle bundle = doubleOf(Bundle.class, (_, _, _) -> "soc");
        return doubleOf(ServiceReference.class, (proxy, method, values) -> switch (method.getName()) {
            case "hashCode" -> System.identityHashCode(proxy);
            case "equals" -> proxy == values[0];
            case "getPropertyKeys" -> properties.keySet().toArray(String[]::new);
            case "getProperty" -> properties.get(Objects.toString(values[0]));
            case "getBundle" -> bundle;
            default -> throw new UnsupportedOperationException(method.getName());
        });
    }

    private Map<String, DeviceEntry> present() {
        return component.core().devices().snapshot().present();
    }

    @Test
    void aRefusedDeviceIsTriedAgainWhenItsPropertiesAreCorrected() {
        properties.put(Device.NAME, "npu");
        component.bindDevice(reference, gpu);
        assertThat(present()).isEmpty();
        assertThat(errors).singleElement().asString().contains("the {} of bundle {} is refused", "device", "soc");
        properties.put(Device.NAME, "gpu");
        component.updatedDevice(reference, gpu);
        assertThat(present()).containsOnlyKeys("gpu");
        component.unbindDevice(reference);
        assertThat(present()).isEmpty();
    }

    @Test
    void filtersSeeTheChangedPropertiesOfADevice() {
        component.bindDevice(reference, gpu);
        DeviceEntry entry = present().get("gpu");
        properties.put("dmabuf.device.colour", "green");
        component.updatedDevice(reference, gpu);
        assertThat(present()).containsEntry("gpu", entry);
        assertThat(entry.properties()).containsEntry("colour", "green");
    }
}
