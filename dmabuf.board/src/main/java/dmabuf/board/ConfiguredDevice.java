// SPDX-License-Identifier: Apache-2.0
package dmabuf.board;

import dmabuf.api.DmaBufException;
import dmabuf.api.Exporter;
import dmabuf.api.spi.Board.BoardDevice;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.osgi.framework.Constants;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.log.Logger;
import org.osgi.service.log.LoggerFactory;
import org.osgi.service.metatype.annotations.Designate;

/**
 * A device that no tree describes, as a service, for each configuration of the factory PID {@value #PID}. Changed
 * properties take effect in place; whatever else changes is a departure and an arrival. A wrong configuration is logged
 * and leaves the old one in force. It is there while the core is, whose names of access bits count, as they are when the
 * configuration comes. A device of the board with the same name stands back while this one is there.
 */
@Designate(ocd = DeviceConfiguration.class, factory = true)
@Component(
        service = {},
        immediate = true,
        configurationPid = ConfiguredDevice.PID,
        configurationPolicy = ConfigurationPolicy.REQUIRE)
public final class ConfiguredDevice {
    /** The factory PID. */
    public static final String PID = "dmabuf.device";

    private final BoardDevices devices;
    private final Exporter core;
    private final Logger logger;
    private Optional<BoardDevice> published = Optional.empty();

    /** Publishes the device. */
    @Activate
    public ConfiguredDevice(
            @Reference BoardDevices devices,
            @Reference Exporter core,
            @Reference(service = LoggerFactory.class) Logger logger,
            Map<String, Object> configuration) {
        this.devices = devices;
        this.core = core;
        this.logger = logger;
        configure(configuration);
    }

    /** Takes a changed configuration. */
    @Modified
    synchronized void configure(Map<String, Object> configuration) {
        try {
            BoardDevice device = DeviceSettings.of(configuration, core.accessBits());
            devices.configure(this, device);
            published = Optional.of(device);
        } catch (DmaBufException e) {
            logger.error(
                    "the configuration of {} is refused: {}; {}",
                    Objects.toString(configuration.get(Constants.SERVICE_PID), PID),
                    e.getMessage(),
                    published.isPresent() ? "the old one stays in force" : "there is none in force");
        }
    }

    /** Takes the device away. */
    @Deactivate
    synchronized void stop() {
        devices.remove(this);
    }
}
