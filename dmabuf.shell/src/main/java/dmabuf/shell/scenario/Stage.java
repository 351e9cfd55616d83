// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.scenario;

import dmabuf.api.BufferInfo;
import dmabuf.api.BufferRequest;
import dmabuf.api.CpuAccess;
import dmabuf.api.CpuMode;
import dmabuf.api.Direction;
import dmabuf.api.DmaBufException;
import dmabuf.api.Explanation;
import dmabuf.api.LatePolicy;
import dmabuf.api.MapRequest;
import dmabuf.api.Mapping;
import dmabuf.api.Plan;
import dmabuf.api.Quantity;
import dmabuf.api.Reason;
import dmabuf.api.spi.Sandbox;
import dmabuf.shell.text.BytePattern;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

/** The state of a case while it runs, and what each statement does to it. Confined to the case's thread. */
final class Stage {
    private final Sandbox sandbox;
    private final Cast cast;
    private final Map<String, HeldBuffer> buffers = new LinkedHashMap<>();

    Stage(Sandbox sandbox, ScenarioServices services, Path folder) {
        this.sandbox = sandbox;
        this.cast = new Cast(sandbox, services, folder);
    }

    /** Makes the name of a device full; see {@link Cast#fullName(String)}. */
    String fullName(String text) {
        return cast.fullName(text);
    }

    /** Runs one statement. A refusal is what came; anything else that is thrown is nobody's expectation. */
    Came run(Statement statement) {
        int warned = sandbox.warnings().size();
        Decisions before = Decisions.of(buffers.values());
        Came came = outcome(statement);
        Map<String, String> always = new LinkedHashMap<>();
        always.put("warns", Integer.toString(sandbox.warnings().size() - warned));
        if (came.facts().getOrDefault("tried", FactType.NONE).equals(FactType.NONE)) {
            always.put("tried", Decisions.of(buffers.values()).since(before));
        }
        if (statement.verb() == Verb.EXPECT && buffers.containsKey(statement.name())) {
            always.put("tried", Facts.tried(held(statement.name()).buffer.info().lastDecision()));
        }
        return came.with(always);
    }

    private Came outcome(Statement statement) {
        try {
            return act(statement);
        } catch (DmaBufException e) {
            return Came.refused(e.explanation());
        } catch (IllegalArgumentException | IllegalStateException e) {
            return Came.refused(Explanation.of(Reason.INVALID, String.valueOf(e.getMessage())));
        }
    }

    private Came act(Statement statement) {
        switch (statement.verb()) {
            case DEVICE -> cast.device(statement);
            case ALLOCATOR -> cast.allocator(statement);
            case BOARD -> cast.board(statement);
            case REMOVE -> cast.remove(statement.name());
            case PLAN -> {
                return plan(statement);
            }
            case MERGE -> {
                return Came.success(Facts.of(cast.exporter().merge(devices(statement.name()))));
            }
            case EXPECT -> {
                return Came.success(expect(statement.name()));
            }
            default -> {
                return Came.success(onBuffer(statement));
            }
        }
        return Came.success(Map.of());
    }

    private Map<String, String> onBuffer(Statement statement) {
        Map<String, String> table = Map.of();
        switch (statement.verb()) {
            case BUFFER -> create(statement);
            case ATTACH -> held(statement.name()).attach(devices(statement.second()));
            case READY -> held(statement.name()).buffer.withdrawExpected();
            case MAP -> table = map(statement);
            case UNMAP -> held(statement.name()).unmap(cast.device(statement.second()));
            case DETACH -> held(statement.name()).detach(cast.device(statement.second()));
            case FILL -> fill(statement);
            case VERIFY -> verify(statement);
            case ACCESS -> held(statement.name()).begin();
            case END -> held(statement.name()).end();
            case FREE -> held(statement.name()).buffer.close();
            default -> throw new AssertionError(statement.verb());
        }
        Map<String, String> facts = Facts.of(held(statement.name()).buffer.info());
        facts.putAll(table);
        return facts;
    }

    private void create(Statement statement) {
        String name = statement.name();
        Options options = statement.first();
        BufferRequest request = BufferRequest.ofSize(options.number("size").orElseThrow())
                .withExpectedDevices(options.names("expects"))
                .withPatience(Duration.ofMillis(options.number("wait").orElse(0)))
                .withLatePolicy(late(statement))
                .withWaitsForAllocator(options.has("waits"));
        if (options.number("align").isPresent()) {
            request = request.withAlignment(options.number("align").getAsLong());
        }
        if (name.getBytes(StandardCharsets.UTF_8).length <= BufferRequest.MAX_NAME_BYTES) {
            request = request.withName(name);
        }
        if (buffers.containsKey(name)) {
            throw new IllegalStateException("there is a buffer " + name + " already");
        }
        String owner = options.text("owner").orElse(Cast.DEFAULT_OWNER);
        buffers.put(name, new HeldBuffer(cast.exporter(owner).create(request)));
    }

    private static LatePolicy late(Statement statement) {
        return switch (statement.first().text("late").orElse("move")) {
            case "move" -> LatePolicy.MOVE;
            case "refuse" -> LatePolicy.REFUSE;
            case String word -> throw ScenarioError.unknown(
                    statement.line(), "late policy", word, List.of("move", "refuse"));
        };
    }

    private Map<String, String> map(Statement statement) {
        MapRequest request = MapRequest.of(direction(statement));
        if (statement.first().has("movable")) {
            request = request.withMoveListener(Mapping::close);
        }
        Mapping mapping = held(statement.name()).map(cast.device(statement.second()), request);
        return Facts.of(mapping.allocator(), mapping.table());
    }

    private static Direction direction(Statement statement) {
        List<String> words =
                Stream.of("to", "from", "both").filter(statement.first()::has).toList();
        if (words.size() > 1) {
            throw new ScenarioError(statement.line(), "a map has one direction, not " + String.join(" and ", words));
        }
        return switch (words.isEmpty() ? "both" : words.getFirst()) {
            case "to" -> Direction.TO_DEVICE;
            case "from" -> Direction.FROM_DEVICE;
            default -> Direction.BIDIRECTIONAL;
        };
    }

    private void fill(Statement statement) {
        BytePattern pattern = BytePattern.ofSeed(Quantity.parse(statement.second()));
        try (CpuAccess access = held(statement.name()).buffer.beginCpuAccess(CpuMode.WRITE)) {
            pattern.fill(access.segment());
        }
    }

    private void verify(Statement statement) {
        String seed = statement.second();
        BytePattern pattern =
                seed.equals("zero") ? BytePattern.zero() : BytePattern.ofSeed(Quantity.parse(seed));
        try (CpuAccess access = held(statement.name()).buffer.beginCpuAccess(CpuMode.READ)) {
            OptionalLong wrong = pattern.mismatch(access.segment());
            if (wrong.isPresent()) {
                throw new ContentMismatch(access.segment(), pattern, wrong.getAsLong());
            }
        }
    }

    private Came plan(Statement statement) {
        Options options = statement.first();
        BufferRequest request = BufferRequest.ofSize(options.number("size").orElseThrow());
        Plan plan = cast.exporter().plan(request, devices(options.text("devices").orElseThrow()));
        Map<String, String> facts = Facts.of(plan);
        Optional<Came> refused = plan.refusal().map(Came::refused);
        return refused.map(came -> came.with(facts)).orElseGet(() -> Came.success(facts));
    }

    private Map<String, String> expect(String name) {
        HeldBuffer held = buffers.get(name);
        if (held != null) {
            BufferInfo info = held.buffer.info();
            return Facts.of(info);
        }
        return Facts.of(cast.allocator(name)
                .statistics()
                .orElseThrow(() -> new IllegalStateException("allocator " + name + " does not answer")));
    }

    /** Names of devices for the runtime, which makes them full; one that left is GONE here already. */
    private List<String> devices(String list) {
        List<String> names = Names.split(list);
        names.forEach(cast::device);
        return names;
    }

    private HeldBuffer held(String name) {
        return Optional.ofNullable(buffers.get(name))
                .orElseThrow(() -> new DmaBufException(
                        Reason.INVALID, "no buffer has the name " + name + ": the case has " + buffers.keySet()));
    }
}
