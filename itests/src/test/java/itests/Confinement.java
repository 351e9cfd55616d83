// SPDX-License-Identifier: Apache-2.0
package itests;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * How the rights of a test are taken away from what it starts: root would write to whatever is read-only. The process keeps
 * its id, so signals reach it.
 *
 * @param prefix the begin of the command line
 * @param text what it does
 */
record Confinement(List<String> prefix, String text) {
    private static final List<String> NOBODY =
            List.of("/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--no-new-privs", "--");
    private static final List<String> OFFLINE = List.of("/usr/bin/unshare", "--net", "--");

    /** Returns the strictest that this machine allows. */
    static Confinement strictest() throws IOException, InterruptedException {
        if (!Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0)) {
            return new Confinement(List.of(), "as the user of this test, with its network");
        }
        Confinement offline = new Confinement(joined(OFFLINE, NOBODY), "as nobody, without a network");
        if (offline.works()) {
            return offline;
        }
        Confinement nobody = new Confinement(NOBODY, "as nobody, with the network: unshare is not permitted");
        if (nobody.works()) {
            return nobody;
        }
        throw new AssertionError("root needs the command setpriv (package util-linux) to run a gateway as nobody");
    }

    private boolean works() throws InterruptedException {
        try {
            return new ProcessBuilder(command(List.of("/bin/true"))).start().waitFor() == 0;
        } catch (IOException noSuchCommand) {
            return false;
        }
    }

    /** Returns a command line that is confined. */
    List<String> command(List<String> command) {
        return joined(prefix, command);
    }

    private static List<String> joined(List<String> first, List<String> second) {
        List<String> both = new ArrayList<>(first);
        both.addAll(second);
        return both;
    }
}
