// SPDX-License-Identifier: Apache-2.0
package trials.core;

import dmabuf.api.Attachment;
import dmabuf.api.BufferRequest;
import dmabuf.api.CpuMode;
import dmabuf.api.Direction;
import dmabuf.api.DmaBuf;
import dmabuf.api.DmaBufException;
import dmabuf.api.Mapping;
import dmabuf.api.Reason;
import dmabuf.api.StorageFile;
import java.io.FileInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import trials.Descriptors;
import trials.Row;
import trials.Scale;

/**
 * Buffers and files until the process has no descriptor left, round after round: who is refused is told so, what was
 * open stays so, and all come back, each once. The row runs it with {@code ulimit -n 256}.
 */
public final class DescriptorsExhausted {
    private static final int LIMIT = 256;
    private static final int EMFILE = 24;

    private final Ledger ledger = new Ledger();
    private final Random random;
    private long refusals;

    private DescriptorsExhausted(Row row) {
        this.random = row.random(0);
    }

    public static void main(String... none) {
        Row.run(row -> new DescriptorsExhausted(row).run(row, Scale.of(1_000)));
    }

    /** The virtual machine needs a descriptor for a class of a folder, and one that could not be loaded never can be again. */
    private static void loadClasses() {
        boolean failed = true;
        for (int n = 1; failed; n++) {
            Fault fault = new Fault(n, EMFILE);
            new Life(fault).run();
            failed = fault.hasFailed();
        }
    }

    private static void checkLimit() throws IOException {
        String line = Files.readAllLines(Path.of("/proc/self/limits")).stream()
                .filter(each -> each.startsWith("Max open files"))
                .findFirst()
                .orElse("");
        Row.check(line.matches("Max open files +" + LIMIT + " .*"), "not with ulimit -n " + LIMIT + ": " + line);
    }

    private String run(Row row, int rounds) throws IOException {
        checkLimit();
        loadClasses();
        try (Bench bench = new Bench(ledger)) {
            bench.pool("pool", 0, Bench.LOW, 16 * Bench.MIB);
            bench.device("cam", "");
            round(bench, 0); // What the virtual machine opens once is open from now on.
            List<String> before = Descriptors.all();
            for (int round = 1; round <= rounds; round++) {
                round(bench, round % 8);
                Row.check(ledger.open() == 0, "round " + round + ": " + ledger.open() + " descriptors are lost");
                Row.check(Descriptors.all().size() == before.size(), "round " + round + ": " + Descriptors.all());
            }
        }
        row.say(ledger.opened() + " descriptors opened, " + refusals + " refusals");
        Row.check(refusals >= rounds, "not exhausted: " + refusals + " refusals");
        return Row.number(rounds) + " rounds, " + Row.number(ledger.opened()) + " descriptors; none lost, none closed twice";
    }

    /** Others have some of them, too, so that another call is the first that finds none. */
    private void round(Bench bench, int others) throws IOException {
        List<FileInputStream> theirs = new ArrayList<>();
        List<AutoCloseable> ours = new ArrayList<>();
        for (int i = 0; i < others; i++) {
            theirs.add(new FileInputStream("/dev/null"));
        }
        try {
            int failed = 0;
            while (failed < 3) {
                failed += fill(bench, ours) ? 0 : 1;
            }
        } finally {
            for (FileInputStream each : theirs) {
                each.close();
            }
        }
        Collections.shuffle(ours, random);
        ours.forEach(DescriptorsExhausted::close);
        ours.forEach(DescriptorsExhausted::close); // Now what was mapped before; closing twice is harmless.
        ledger.check();
        Row.check(bench.exporter("app").buffers().isEmpty(), "still there: " + bench.exporter("app").buffers());
    }

    /** One more buffer with files of its own; false when there was no descriptor left somewhere. */
    private boolean fill(Bench bench, List<AutoCloseable> ours) {
        DmaBuf frame = bench.exporter("app").create(BufferRequest.ofSize(Bench.PAGE));
        Attachment cam = frame.attach("cam");
        ours.add(() -> {
            frame.close();
            cam.close();
        });
        int open = ledger.open();
        List<Mapping> mappings = new ArrayList<>();
        try {
            Mapping mapping = cam.map(Direction.BIDIRECTIONAL);
            mappings.add(mapping);
            frame.beginCpuAccess(CpuMode.WRITE).close();
            open = ledger.open();
            for (int i = 0; i < random.nextInt(4); i++) {
                StorageFile file = mapping.openFile();
                open = ledger.open();
                ours.add(file);
            }
            return true;
        } catch (DmaBufException e) {
            refusals++;
            Row.check(e.reason() == Reason.OUT_OF_MEMORY, "not for lack of descriptors: " + e);
            Row.check(ledger.open() == open, "a refusal changed " + open + " descriptors to " + ledger.open());
            return false;
        } finally {
            ours.add(() -> mappings.forEach(Mapping::close));
        }
    }

    private static void close(AutoCloseable each) {
        try {
            each.close();
        } catch (DmaBufException e) {
            Row.check(e.reason() == Reason.BUSY, "not documented: " + e); // Detached while mapped: unmapped later.
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
