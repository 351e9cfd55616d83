// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.scenario;

import dmabuf.api.AddressRange;
import dmabuf.api.AllocatorInfo;
import dmabuf.api.ConstraintField;
import dmabuf.api.DmaBufException;
import dmabuf.api.Exporter;
import dmabuf.api.Quantity;
import dmabuf.api.Reason;
import dmabuf.api.spi.AllocatorFactory;
import dmabuf.api.spi.AllocatorSpec;
import dmabuf.api.spi.Board;
import dmabuf.api.spi.Mapper;
import dmabuf.api.spi.Sandbox;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;

/** Who takes part in a case: devices, allocators and owners, how they come and how they leave. */
final class Cast {
    /** The owner of buffers whose line names none. */
    static final String DEFAULT_OWNER = "scenario";

    /** Who asks for devices, plans and lists; no name in a file has a blank, so it cannot be made to leave. */
    private static final String RUNNER = "scenario runner";

    private final Sandbox sandbox;
    private final ScenarioServices services;
    private final Path folder;
    private final Exporter exporter;
    /** By id: the mappers of the holder, then those of who stands by. */
    private final Map<String, Deque<List<Mapper>>> allocators = new HashMap<>();
    private final Set<String> owners = new HashSet<>();
    private final Set<String> leftOwners = new HashSet<>();
    private final Set<String> left = new HashSet<>();

    Cast(Sandbox sandbox, ScenarioServices services, Path folder) {
        this.sandbox = sandbox;
        this.services = services;
        this.folder = folder;
        this.exporter = sandbox.exporter(RUNNER);
    }

    /** Returns the exporter of nobody in particular. */
    Exporter exporter() {
        return exporter;
    }

    /** Returns the exporter of an owner, who thereby takes part; GONE when the owner left. */
    Exporter exporter(String owner) {
        if (leftOwners.contains(owner)) {
            throw new DmaBufException(Reason.GONE, "the owner " + owner + " has left");
        }
        owners.add(owner);
        return sandbox.exporter(owner);
    }

    void device(Statement statement) {
        sandbox.addDevice(DeviceLine.device(statement), Map.of());
        left.remove(statement.name());
    }

    void allocator(Statement statement) {
        Options options = statement.first();
        String type = options.text("type").orElseThrow();
        AllocatorFactory.Product product = type.equals(AllocatorType.SCRIPTED)
                ? new AllocatorFactory.Product(
                        new ScriptedAllocator(Script.of(statement.line(), options), this::isNamed), List.of())
                : factory(statement.line(), type).create(configuration(options), services.memory());
        add(spec(statement.name(), type, options), product);
    }

    private AllocatorFactory factory(int line, String type) {
        Optional<AllocatorFactory> factory = services.factory(type);
        if (factory.isEmpty() && !AllocatorType.names().contains(type)) {
            Set<String> known = new TreeSet<>(services.factories().keySet());
            known.addAll(AllocatorType.names());
            throw ScenarioError.unknown(line, "type", type, known);
        }
        return factory.orElseThrow(() -> new ScenarioError(line, services.missing(type)));
    }

    private static Map<String, String> configuration(Options options) {
        Map<String, String> configuration = new HashMap<>(options.values());
        configuration.keySet().removeAll(AllocatorType.COMMON);
        options.flags().forEach(flag -> configuration.put(flag, "true"));
        return configuration;
    }

    private static AllocatorSpec spec(String id, String type, Options options) {
        OptionalInt bit = options.text("bit")
                .map(word -> OptionalInt.of(Math.clamp(Quantity.parse(word), -1, 64)))
                .orElse(OptionalInt.empty());
        int priority = options.text("priority").map(Cast::signed).orElse(0);
        return new AllocatorSpec(
                id, priority, type, id, options.text("pool"), bit, options.has("secure"), options.has("coherent"),
                Set.of());
    }

    private static int signed(String word) {
        boolean negative = word.startsWith("-");
        long value = Quantity.parse(negative ? word.substring(1) : word);
        return Math.clamp(negative ? -value : value, Integer.MIN_VALUE, Integer.MAX_VALUE);
    }

    private void add(AllocatorSpec spec, AllocatorFactory.Product product) {
        product.mappers().forEach(sandbox::addMapper);
        Deque<List<Mapper>> holders = allocators.computeIfAbsent(spec.id(), id -> new ArrayDeque<>());
        // Added first: an id that is taken is an error, and yet the newcomer stands by.
        holders.addLast(product.mappers());
        left.remove(spec.id());
        sandbox.addAllocator(spec, product.allocator());
    }

    void board(Statement statement) {
        Optional<AddressRange> ram = statement.first().text("ram").map(AddressRange::parse);
        Board board = services.boards().read(folder.resolve(statement.name()), ram);
        BoardModel.of(board, services).populate(sandbox, this::add);
    }

    /** Makes an allocator, a device or an owner leave, whichever has the name. */
    void remove(String name) {
        Deque<List<Mapper>> holders = allocators.getOrDefault(name, new ArrayDeque<>());
        if (!holders.isEmpty()) {
            // The allocator first: while its mappers are there its buffers can still go to somebody else.
            sandbox.removeAllocator(name);
            holders.removeFirst().forEach(sandbox::removeMapper);
            if (holders.isEmpty()) {
                left.add(name);
            }
        } else if (owners.remove(name)) {
            sandbox.removeOwner(name);
            leftOwners.add(name);
        } else {
            String device = device(name);
            sandbox.removeDevice(device);
            left.add(device);
        }
    }

    /** Returns the full name of a device; GONE when it left, INVALID when it never was. */
    String device(String name) {
        try {
            return exporter.device(name).name();
        } catch (DmaBufException e) {
            throw hasLeft(name) ? new DmaBufException(Reason.GONE, name + " has left") : e;
        }
    }

    private boolean hasLeft(String name) {
        return leftOwners.contains(name)
                || left.stream().anyMatch(each -> each.equals(name) || each.endsWith("/" + name));
    }

    /** Returns the allocator of an id that holds it; GONE when it left, INVALID when it never was. */
    AllocatorInfo allocator(String id) {
        return exporter.allocators().stream()
                .filter(info -> info.id().equals(id) && !info.standby())
                .findFirst()
                .orElseThrow(() -> left.contains(id)
                        ? new DmaBufException(Reason.GONE, id + " has left")
                        : new DmaBufException(Reason.INVALID, "no buffer or allocator has the name " + id));
    }

    /** Makes a name in a fact full: that of a device, alone or before the field that is blamed; others stay. */
    String fullName(String text) {
        int dot = text.lastIndexOf('.');
        if (dot > 0 && isField(text.substring(dot + 1))) {
            return deviceOr(text.substring(0, dot)) + text.substring(dot);
        }
        return deviceOr(text);
    }

    private static boolean isField(String label) {
        return Arrays.stream(ConstraintField.values()).anyMatch(field -> field.label().equals(label));
    }

    private String deviceOr(String text) {
        try {
            return exporter.device(text).name();
        } catch (DmaBufException e) {
            return text;
        }
    }

    private boolean isNamed(String word, String device) {
        return word.equals(device) || deviceOr(word).equals(device);
    }
}
