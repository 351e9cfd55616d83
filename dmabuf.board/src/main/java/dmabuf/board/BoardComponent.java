// SPDX-License-Identifier: Apache-2.0
package dmabuf.board;

import dmabuf.api.AddressRange;
import dmabuf.api.AddressRanges;
import dmabuf.api.DmaBufException;
import dmabuf.api.spi.Board;
import dmabuf.api.spi.BoardReader;
import dmabuf.api.spi.ConfiguredValues;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.service.cm.ConfigurationListener;
import org.osgi.service.cm.ConfigurationPlugin;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.log.Logger;
import org.osgi.service.log.LoggerFactory;
import org.osgi.service.metatype.annotations.Designate;

/**
 * The board that this runtime serves: its devices are services, its memory is handed to the allocators. Configured by
 * the PID {@value #PID}, which may change at any time; a wrong value leaves the board in force and is logged. It also
 * reads any other board.
 */
@Designate(ocd = BoardConfiguration.class)
@Component(service = BoardReader.class, immediate = true, configurationPid = BoardComponent.PID)
public final class BoardComponent implements BoardReader {
    /** The PID of the configuration. */
    public static final String PID = "dmabuf.board";

    /** The framework or system property that names a device tree. */
    static final String FILE = "dmabuf.board.file";

    private static final Set<String> KEYS = Set.of("file", "ram", "profile");

    private final Optional<Path> namedFile;
    private final Sysfs sysfs;
    private final Logger logger;
    private final BoardDevices devices;
    private final AllocatorConfigurations configurations;
    private final ServiceRegistration<ConfigurationPlugin> plugin;
    private final ServiceRegistration<ConfigurationListener> listener;
    private volatile Optional<Board> current = Optional.empty();
    private final ProfileTable shipped = ProfileTable.shipped();
    private volatile TreeBoardReader reader = new TreeBoardReader(shipped);

    /** Starts with a configuration; reads the board and publishes it. */
    @Activate
    public BoardComponent(
            BundleContext bundle,
            Map<String, Object> configuration,
            @Reference ConfigurationAdmin admin,
            @Reference BoardDevices devices,
            @Reference(service = LoggerFactory.class) Logger logger) {
        this(bundle, configuration, admin, devices, logger, new Sysfs(Path.of("/")));
    }

    BoardComponent(
            BundleContext bundle,
            Map<String, Object> configuration,
            ConfigurationAdmin admin,
            BoardDevices devices,
            Logger logger,
            Sysfs sysfs) {
        this.namedFile = Optional.ofNullable(bundle.getProperty(FILE)).filter(name -> !name.isBlank()).map(Path::of);
        this.sysfs = sysfs;
        this.logger = logger;
        this.devices = devices;
        this.configurations = new AllocatorConfigurations(admin, logger);
        this.plugin = bundle.registerService(
                ConfigurationPlugin.class, configurations, FrameworkUtil.asDictionary(AllocatorConfigurations.PLUGIN));
        configure(configuration);
        this.listener = bundle.registerService(ConfigurationListener.class, configurations, null);
    }

    /** Takes a changed configuration: the devices of the old board leave, those of the new one come. */
    @Modified
    void configure(Map<String, Object> configuration) {
        Board board;
        try {
            ConfiguredValues values = ConfiguredValues.of(PID, KEYS, configuration);
            ProfileTable profiles = shipped.with(values.lines("profile"));
            board = board(values, profiles);
            reader = new TreeBoardReader(profiles);
        } catch (DmaBufException | InvalidPathException e) {
            logger.error("the board is refused: {}; what was in force stays", e.getMessage());
            return;
        }
        current = Optional.of(board);
        devices.board(List.of());
        configurations.apply(board.allocators());
        devices.board(board.devices());
        logger.info("board '{}': {} devices; allocators {}", board.model(), board.devices().size(), allocators(board));
    }

    /** Takes the devices and what the allocators were told back. */
    @Deactivate
    void stop() {
        listener.unregister();
        plugin.unregister();
        devices.board(List.of());
        configurations.withdraw();
    }

    @Override
    public Board read(Path tree, Optional<AddressRange> ram) {
        return reader.read(tree, ram);
    }

    @Override
    public Optional<Board> current() {
        return current;
    }

    private Board board(ConfiguredValues values, ProfileTable profiles) {
        Optional<AddressRanges> ram = values.ranges("ram");
        Optional<Path> file = values.text("file").map(Path::of).or(() -> namedFile);
        return file.isPresent()
                ? twin(new TreeBoardReader(profiles).read(file.get(), tree -> tree.board(ram)))
                : new Machine(sysfs, profiles).board(ram);
    }

    private static Board twin(Board board) {
        return new Board(board.model(), board.nodes(), board.devices(), BoardAllocators.twin(board.allocators()));
    }

    private static List<String> allocators(Board board) {
        return board.allocators().stream().map(allocator -> allocator.spec().id()).toList();
    }
}
