// SPDX-License-Identifier: Apache-2.0
package dmabuf.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MachineMemoryTest {
    private static final String SECOND = "30 24 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw\n";
    private static final String FIRST = "36 30 0:33 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n";

    @TempDir
    Path root;

    @Test
    void halfOfWhatIsAvailable() throws IOException {
        available(8_000);
        assertThat(memory().half()).hasValue(4_000 * 1024);
    }

    @Test
    void unknownWhereThereIsNoProc() {
        assertThat(memory().half()).isEmpty();
    }

    @Test
    void theSmallestLimitOfTheOwnGroupAndThoseAboveIt() throws IOException {
        available(8_000);
        write("proc/self/mountinfo", SECOND);
        write("proc/self/cgroup", "0::/a/b\n");
        write("sys/fs/cgroup/a/b/memory.max", "max\n");
        write("sys/fs/cgroup/a/memory.max", "1000000\n");
        write("sys/fs/cgroup/other/memory.max", "1\n");
        assertThat(memory().limit()).hasValue(1_000_000);
        assertThat(memory().half()).hasValue(500_000);
    }

    @Test
    void theLeastThatIsLeftOfAnyGroupsLimit() throws IOException {
        write("proc/self/mountinfo", SECOND);
        write("proc/self/cgroup", "0::/a/b\n");
        write("sys/fs/cgroup/a/b/memory.max", "500000\n");
        write("sys/fs/cgroup/a/b/memory.current", "100000\n");
        assertThat(memory().room()).hasValue(400_000);
        write("sys/fs/cgroup/a/memory.max", "1000000\n");
        write("sys/fs/cgroup/a/memory.current", "900000\n");
        assertThat(memory().room()).hasValue(100_000);
        write("sys/fs/cgroup/a/memory.stat", "file 9\ninactive_file 250000\n");
        assertThat(memory().room()).hasValue(350_000);
        write("sys/fs/cgroup/a/memory.current", "2000000\n");
        assertThat(memory().room()).hasValue(0);
        assertThat(memory().limit()).hasValue(500_000);
    }

    @Test
    void theLeastThatIsLeftInVersionOne() throws IOException {
        write("proc/self/mountinfo", FIRST);
        write("proc/self/cgroup", "4:memory:/x\n");
        write("sys/fs/cgroup/memory/x/memory.limit_in_bytes", "700\n");
        write("sys/fs/cgroup/memory/x/memory.usage_in_bytes", "300\n");
        write("sys/fs/cgroup/memory/x/memory.stat", "inactive_file 1\ntotal_inactive_file 100\n");
        assertThat(memory().room()).hasValue(500);
    }

    @Test
    void whatIsAvailableCountsWhenTheLimitIsLarger() throws IOException {
        available(8);
        write("proc/self/mountinfo", SECOND);
        write("proc/self/cgroup", "0::/a\n");
        write("sys/fs/cgroup/a/memory.max", "1000000\n");
        assertThat(memory().half()).hasValue(4 * 1024);
    }

    @Test
    void versionOneBesideVersionTwo() throws IOException {
        write("proc/self/mountinfo", SECOND + FIRST);
        write("proc/self/cgroup", "4:memory:/x/y\n2:cpu:/x\n0::/\n");
        write("sys/fs/cgroup/memory/x/y/memory.limit_in_bytes", "700\n");
        write("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
        assertThat(memory().limit()).hasValue(700);
    }

    @Test
    void insideAContainerThePathBeginsAtTheMount() throws IOException {
        write("proc/self/mountinfo", "36 30 0:33 /docker/1 /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n");
        write("proc/self/cgroup", "4:memory:/docker/1/job\n");
        write("sys/fs/cgroup/memory/job/memory.limit_in_bytes", "800\n");
        assertThat(memory().limit()).hasValue(800);
    }

    @Test
    void anotherControllersHierarchyIsNotAsked() throws IOException {
        write("proc/self/mountinfo", "36 30 0:33 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n");
        write("proc/self/cgroup", "4:memory:/\n");
        write("sys/fs/cgroup/cpu/memory.limit_in_bytes", "1\n");
        assertThat(memory().limit()).isEmpty();
    }

    @Test
    void garbageIsNoLimit() throws IOException {
        write("proc/meminfo", "MemAvailable: lots of kB\n");
        write("proc/self/mountinfo", "x\n\n36 30 0:33 / / rw cgroup2\n");
        write("proc/self/cgroup", "0\n:::\n0::/../../..\n");
        assertThat(memory().half()).isEmpty();
    }

    @Test
    void thisMachineHasMemory() {
        assertThat(new MachineMemory(Path.of("/")).half()).isPresent();
    }

    private MachineMemory memory() {
        return new MachineMemory(root);
    }

    private void available(long kibibytes) throws IOException {
        write("proc/meminfo", "MemTotal: 99999999 kB\nMemAvailable:   " + kibibytes + " kB\n");
    }

    private void write(String file, String text) throws IOException {
        Path path = root.resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, text);
    }
}
