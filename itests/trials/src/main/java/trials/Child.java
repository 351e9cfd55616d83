// SPDX-License-Identifier: Apache-2.0
package trials;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A gateway as a process of its own, started by its start script, with what it prints. */
final class Child implements AutoCloseable {
    private final Process process;
    private final Thread reader;
    private final Queue<String> lines = new ConcurrentLinkedQueue<>();

    /** Starts one on a storage folder. */
    Child(Installation installation, Path storage) throws IOException {
        process = installation.command("--storage", storage.toString()).redirectErrorStream(true).start();
        process.getOutputStream().close();
        reader = Thread.ofPlatform().daemon().start(this::read);
    }

    private void read() {
        try (BufferedReader out = process.inputReader()) {
            for (String line = out.readLine(); line != null; line = out.readLine()) lines.add(line);
        } catch (IOException killed) {
            // What it had said by then is what there is.
        }
    }

    /** Waits until a line begins so, or the process has ended. */
    void awaitLine(String beginning) {
        Patience.until(() -> "'" + beginning + "' after " + lines, () -> isSaid(beginning) || !process.isAlive());
        Row.check(isSaid(beginning), "it ended by itself: " + lines);
    }

    private boolean isSaid(String beginning) {
        return lines.stream().anyMatch(line -> line.startsWith(beginning));
    }

    /** Returns what it printed so far. */
    List<String> lines() {
        return List.copyOf(lines);
    }

    /** Waits so long, or until it has ended by itself. */
    boolean endsWithin(long millis) throws InterruptedException {
        return process.waitFor(millis, TimeUnit.MILLISECONDS);
    }

    /** Sends SIGTERM and returns how many milliseconds it then takes to end; 30,000 when it does not. */
    long terminate() throws InterruptedException {
        long began = System.nanoTime();
        process.destroy();
        process.waitFor(30, TimeUnit.SECONDS);
        long millis = (System.nanoTime() - began) / 1_000_000;
        reader.join(30_000);
        return millis;
    }

    /** Sends SIGKILL, and waits until it and all that it started are gone. */
    void kill() throws InterruptedException {
        List<ProcessHandle> all = Stream.concat(process.descendants(), Stream.of(process.toHandle())).toList();
        all.forEach(ProcessHandle::destroyForcibly);
        process.waitFor();
        Patience.until("all its processes are gone", () -> all.stream().noneMatch(ProcessHandle::isAlive));
    }

    long pid() {
        return process.pid();
    }

    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }
}
