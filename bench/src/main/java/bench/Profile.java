// SPDX-License-Identifier: Apache-2.0
package bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import jdk.jfr.consumer.RecordedClass;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedFrame;
import jdk.jfr.consumer.RecordedMethod;
import jdk.jfr.consumer.RecordingFile;

/**
 * Where the time of a side in Java goes, and its garbage: the samples of JFR by CPU time (JEP 509) while it measures,
 * without the warm-up. What the samples say is where it was, not what it waited for.
 */
final class Profile {
    private static final int MOST = 12;
    private static final int ROUNDS = 20;
    private static final String SAMPLE = "jdk.CPUTimeSample";
    private static final String ALLOCATION = "jdk.ObjectAllocationSample";

    private final Map<String, Long> self = new HashMap<>();
    private final Map<String, Long> whole = new HashMap<>();
    private final Map<String, Long> allocated = new HashMap<>();
    private long samples;

    private Profile() {}

    /** Measures each side of ours for some rounds, and prints what was seen. */
    static void print(Row row, Pace pace) throws IOException {
        for (Side side : row.lines().stream().map(Line::ours).distinct().toList()) {
            if (side.kind() == Side.Kind.JMH) {
                System.out.printf("row %s, %s:%n%s%n", row.number(), side.label(), of(side, pace));
            }
        }
    }

    private static Profile of(Side side, Pace pace) throws IOException {
        Path folder = Files.createDirectories(Pace.target().resolve("profiles"));
        Path recording = folder.resolve(side.label().replaceAll("[^A-Za-z0-9]+", "-") + ".jfr");
        Files.deleteIfExists(recording);
        Side recorded = side.flag("-Xlog:jfr+startup=error")
                .flag("-XX:+UnlockDiagnosticVMOptions")
                .flag("-XX:+DebugNonSafepoints")
                .flag("-XX:StartFlightRecording:settings=profile," + SAMPLE + "#enabled=true,filename=" + recording);
        Instant warm;
        try (Program program = new Program(recorded, pace, 0)) {
            program.awaitReady();
            warm = Instant.now();
            for (int round = 0; round < ROUNDS; round++) {
                program.round();
            }
        }
        return read(recording, warm);
    }

    private static Profile read(Path recording, Instant from) throws IOException {
        Profile profile = new Profile();
        try (RecordingFile file = new RecordingFile(recording)) {
            while (file.hasMoreEvents()) {
                RecordedEvent event = file.readEvent();
                if (event.getStartTime().isAfter(from)) {
                    profile.add(event);
                }
            }
        }
        return profile;
    }

    private void add(RecordedEvent event) {
        if (event.getEventType().getName().equals(ALLOCATION)) {
            RecordedClass type = event.getClass("objectClass");
            allocated.merge(withoutAddress(type.getName()), event.getLong("weight"), Long::sum);
        } else if (event.getEventType().getName().equals(SAMPLE) && event.getStackTrace() != null) {
            samples++;
            List<String> frames = event.getStackTrace().getFrames().stream().map(Profile::name).toList();
            self.merge(frames.getFirst(), 1L, Long::sum);
            Set<String> once = new HashSet<>(frames);
            once.removeIf(frame -> !frame.startsWith("dmabuf.") && !frame.startsWith("allocator."));
            once.forEach(frame -> whole.merge(frame, 1L, Long::sum));
        }
    }

    private static String name(RecordedFrame frame) {
        RecordedMethod method = frame.getMethod();
        return withoutAddress(method.getType().getName()) + "." + method.getName();
    }

    /** Returns the name of a class; that of a lambda has an address in it, which says nothing. */
    private static String withoutAddress(String name) {
        return name.replaceFirst("[./]0x[0-9a-f]+$", "");
    }

    @Override
    public String toString() {
        long bytes = allocated.values().stream().mapToLong(Long::longValue).sum();
        return "  by itself, of " + samples + " samples\n" + most(self, samples)
                + "  with what it calls\n" + most(whole, samples)
                + "  garbage\n" + most(allocated, bytes);
    }

    private static String most(Map<String, Long> counts, long all) {
        return counts.entrySet().stream()
                .sorted(Map.Entry.<String, Long>comparingByValue(Comparator.reverseOrder()))
                .limit(MOST)
                .map(entry -> "    %5.1f %%  %s%n".formatted(100.0 * entry.getValue() / all, entry.getKey()))
                .collect(Collectors.joining());
    }
}
