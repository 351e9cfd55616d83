// SPDX-License-Identifier: Apache-2.0
package bench.work;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Starts the gateway of the distribution by its script until its first buffer is mapped and filled, or with {@code -Dbare=true} Felix with
 * the same bundles but ours, until a probe that is started last says so. The gateway has the classes that its build keeps, one
 * compiler and one collector; Felix has none, and what Java chooses. Answers milliseconds, or with
 * {@code -Dwhat=resident} the MiB that are resident then.
 */
final class StartTime implements Gauge {
    private static final Path ROOT = Path.of(Input.text("bench.root", "."));
    private static final Path GATEWAY = ROOT.resolve("cnf/target/gateway");

    private final boolean resident = Input.text("what", "time").equals("resident");
    private final List<String> command;
    private final String sign;

    private StartTime(Path storage) throws IOException {
        boolean bare = Boolean.getBoolean("bare");
        command = bare ? bare(storage) : gateway(storage);
        sign = bare ? Started.SIGN : "bytes written";
    }

    public static void main(String[] words) throws Exception {
        Path storage = Files.createTempDirectory(ROOT.resolve("bench/target"), "start");
        StartTime gauge = new StartTime(storage);
        gauge.round();
        Gauge.serve(gauge);
    }

    private static List<String> gateway(Path storage) {
        return List.of(
                GATEWAY.resolve("gateway").toString(), "--storage", storage.toString(), "-c", "create frame 1M\nfill frame 42");
    }

    private static List<String> bare(Path storage) throws IOException {
        Path properties = storage.resolve("config.properties");
        Files.writeString(properties, Files.readAllLines(GATEWAY.resolve("conf/config.properties")).stream()
                .map(line -> line.startsWith("felix.auto.start.") ? withoutOurs(line) : line)
                .map(line -> line.startsWith("configurator.initial") ? "" : line)
                .map(line -> line.startsWith("felix.auto.start.3") ? "felix.auto.start.3=" + quoted(probe(storage)) : line)
                .collect(Collectors.joining("\n")));
        List<String> words = new ArrayList<>();
        words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        words.add("@" + GATEWAY.resolve("conf/jvm.options"));
        words.add("-Dfelix.config.properties=" + properties.toUri());
        words.add("-Dcenalloc.home=" + GATEWAY + "/");
        words.add("-Dcenalloc.url=" + GATEWAY + "/");
        words.add("-Dcenalloc.storage=" + storage + "/");
        words.addAll(List.of("-jar", GATEWAY.resolve("bin/felix.jar").toString()));
        return words;
    }

    private static String withoutOurs(String line) {
        return line.replaceAll("\"[^\"]*/(dmabuf|allocator)\\.[^\"]*\" ?", "");
    }

    private static String quoted(Path bundle) {
        return "\"" + bundle.toUri() + "\"";
    }

    /** Makes a bundle of the one class that says that all are started. */
    private static Path probe(Path storage) {
        Path jar = storage.resolve("probe.jar");
        String name = Started.class.getName().replace('.', '/') + ".class";
        Manifest manifest = new Manifest();
        Attributes headers = manifest.getMainAttributes();
        headers.put(Attributes.Name.MANIFEST_VERSION, "1.0");
        headers.putValue("Bundle-ManifestVersion", "2");
        headers.putValue("Bundle-SymbolicName", "bench.probe");
        headers.putValue("Bundle-Activator", Started.class.getName());
        headers.putValue("Import-Package", "org.osgi.framework");
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar), manifest);
                var bytes = StartTime.class.getResourceAsStream("/" + name)) {
            out.putNextEntry(new JarEntry(name));
            bytes.transferTo(out);
            return jar;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public double round() throws Exception {
        long began = System.nanoTime();
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try (BufferedReader output = process.inputReader()) {
            List<String> said = new ArrayList<>();
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                if (line.contains(sign)) {
                    return resident ? residentMebibytes(process) : (System.nanoTime() - began) / 1e6;
                }
                said.add(line);
            }
            throw new IllegalStateException(command.getFirst() + " did not come to '" + sign + "': " + said);
        } finally {
            process.descendants().forEach(ProcessHandle::destroy);
            process.destroy();
            process.waitFor();
        }
    }

    /** Of the process and all that it started, of which one is the virtual machine. */
    private static double residentMebibytes(Process process) throws IOException {
        long most = 0;
        for (ProcessHandle each : processes(process)) {
            for (String line : Files.readAllLines(Path.of("/proc/" + each.pid() + "/status"))) {
                if (line.startsWith("VmRSS:")) {
                    most = Math.max(most, Long.parseLong(line.replaceAll("\\D", "")));
                }
            }
        }
        return most / 1024.0;
    }

    private static List<ProcessHandle> processes(Process process) {
        return Stream.concat(Stream.of(process.toHandle()), process.descendants()).toList();
    }
}
