// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.certify;

import dmabuf.api.Attachment;
import dmabuf.api.BufferRequest;
import dmabuf.api.Device;
import dmabuf.api.Direction;
import dmabuf.api.DmaBuf;
import dmabuf.api.DmaBufException;
import dmabuf.api.Reason;
import dmabuf.api.spi.Allocator;
import dmabuf.api.spi.AllocatorFactory;
import dmabuf.api.spi.AllocatorSpec;
import dmabuf.api.spi.AllocatorStatistics;
import dmabuf.api.spi.Participant;
import dmabuf.api.spi.Sandbox;
import dmabuf.shell.scenario.ScenarioRunner;
import dmabuf.shell.scenario.ScenarioServices;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The allocator in the real runtime. */
final class RuntimeChecks {
    private static final String GROUP = "runtime";
    private static final String SCENARIOS = "/certify.scn";

    private RuntimeChecks() {}

    static List<Check> all() {
        return List.of(
                new Check("late-answer", GROUP, "an answer that came after the deadline is taken back whole",
                        "Allocator.release; contract 6", RuntimeChecks::late),
                new Check("request-over", GROUP, "a request is not used after its call returned",
                        "AllocationRequest; CompactionRequest", RuntimeChecks::over));
    }

    /** The cases in which the allocator leaves: a bundle without a factory is restarted for each. */
    static List<Check> flows() {
        return List.of(new Check("scenarios", GROUP,
                "buffers flow: first map, late attach, exhaustion, departure, each with its documented answer",
                "contract 4, 5, 6", RuntimeChecks::scenarios));
    }

    /** Runs the cases of the resource with the words of this allocator put in. */
    private static void scenarios(Bench bench) throws InterruptedException {
        bench.watch().requireAlive();
        Candidate candidate = bench.candidate();
        AllocatorFactory guests = (_, _) -> {
            candidate.soil();
            Specimen specimen = candidate.fresh();
            return new AllocatorFactory.Product(specimen.allocator(), specimen.mappers());
        };
        Tools tools = candidate.tools();
        ByteArrayOutputStream failures = new ByteArrayOutputStream();
        ScenarioRunner runner = new ScenarioRunner(
                new ScenarioServices(tools.sandboxes(), tools.memory(), tools.boards(), Map.of("guest", guests)),
                new PrintStream(failures, true, StandardCharsets.UTF_8));
        runner.run("certify.scn", lines(bench), Path.of(""));
        String first = failures.toString(StandardCharsets.UTF_8).lines().findFirst().orElse("");
        Violation.unless(
                runner.failed() == 0, "the cases of certify.scn", runner.summary() + "; " + first, "all passed");
    }

    private static List<String> lines(Bench bench) {
        Participant friend = bench.friend();
        long piece = bench.piece();
        AllocatorSpec spec = bench.specimen().spec();
        Map<String, String> words = Map.of(
                "{device}", words(friend),
                "{guest}", spec.pool().map(pool -> "pool=" + pool).orElse(""),
                "{piece}", Long.toString(piece),
                "{odd}", Long.toString(piece - 1),
                "{toomuch}", Long.toString(2 * bench.free()));
        return resource().lines()
                .map(line -> words.entrySet().stream().reduce(
                        line, (text, word) -> text.replace(word.getKey(), word.getValue()), (a, _) -> a))
                .collect(Collectors.toList());
    }

    private static String words(Participant friend) {
        String constraints = friend.path().constraints().toString();
        return friend.path().iommu().map(domain -> constraints + " iommu=" + domain).orElse(constraints);
    }

    private static String resource() {
        try (InputStream in = RuntimeChecks.class.getResourceAsStream(SCENARIOS)) {
            if (in == null) {
                throw new IllegalStateException("no resource " + SCENARIOS);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Opens a runtime with an allocator in the place of the specimen's, its mappers and the device that it serves. */
    static Sandbox open(Bench bench, Allocator allocator) {
        bench.watch().requireAlive();
        Participant friend = bench.friend();
        Sandbox sandbox = bench.candidate().tools().sandboxes().open();
        bench.specimen().mappers().forEach(sandbox::addMapper);
        sandbox.addAllocator(bench.specimen().spec(), allocator);
        sandbox.addDevice(Device.of(friend.device(), List.of(friend.path())), Map.of());
        return sandbox;
    }

    private static void late(Bench bench) throws InterruptedException {
        AllocatorStatistics start = bench.statistics();
        long piece = bench.piece();
        Latecomer latecomer = new Latecomer(bench.allocator());
        try (Sandbox sandbox = open(bench, latecomer);
                DmaBuf buffer = sandbox.exporter("certify").create(BufferRequest.ofSize(piece));
                Attachment attachment = buffer.attach(bench.friend().device())) {
            tooLate(attachment);
            latecomer.answer();
            Violation.unless(
                    latecomer.awaitRelease(), "an answer after the deadline", "no release", "a release of the storage");
        } finally {
            latecomer.answer();
        }
        BookChecks.settled(bench.statistics(), start, "after the late answer was taken back");
    }

    private static void tooLate(Attachment attachment) {
        try {
            attachment.map(Direction.BIDIRECTIONAL).close();
        } catch (DmaBufException e) {
            if (e.reason() == Reason.TIMED_OUT) {
                return;
            }
            throw e;
        }
        throw new IllegalStateException("the runtime waited for an answer that came too late");
    }

    /** What the requests of all checks before noticed. */
    private static void over(Bench bench) {
        List<String> trespasses = bench.trespasses();
        Violation.unless(
                trespasses.isEmpty(), "requests after their call returned",
                trespasses.size() + " calls, the first " + trespasses.stream().findFirst().orElse(""), "no call");
    }
}
