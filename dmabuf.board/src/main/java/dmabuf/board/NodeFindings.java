// SPDX-License-Identifier: Apache-2.0
package dmabuf.board;

import dmabuf.api.spi.Finding;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Whether programs may open the files of cameras, codecs and displays; those of one answer on one line. */
final class NodeFindings {
    private static final String AREA = "devices";
    private static final String OPENS = "may be opened";
    private static final String NONE = "no /dev/video* and no /dev/dri/card*: load the drivers of the board's devices";

    private final Sysfs sysfs;

    NodeFindings(Sysfs sysfs) {
        this.sysfs = sysfs;
    }

    List<Finding> all() {
        Map<String, List<String>> nodes = new LinkedHashMap<>();
        for (VideoNodes.Kind kind : VideoNodes.KINDS) {
            for (Path entry : kind.entries(sysfs)) {
                String answer = answer(sysfs.real(Path.of(kind.file(entry).substring(1))));
                nodes.computeIfAbsent(answer, _ -> new ArrayList<>()).add(kind.file(entry));
            }
        }
        return nodes.isEmpty()
                ? List.of(new Finding(AREA, "nodes", Finding.State.MISSING, NONE))
                : nodes.entrySet().stream().map(each -> finding(each.getKey(), each.getValue())).toList();
    }

    private static Finding finding(String answer, List<String> nodes) {
        String more = nodes.size() == 1 ? "" : " and " + (nodes.size() - 1) + " more";
        return Finding.of(AREA, nodes.getFirst() + more, answer.equals(OPENS), answer);
    }

    private static String answer(Path node) {
        if (!Files.exists(node)) {
            return "there is no such file: udev makes it, or mount a devtmpfs on /dev";
        }
        return Files.isReadable(node) && Files.isWritable(node) ? OPENS : denied(node);
    }

    /** Returns who may open a file, and what helps somebody who may not. */
    static String denied(Path node) {
        try {
            PosixFileAttributes file = Files.readAttributes(node, PosixFileAttributes.class);
            String group = file.group().getName();
            boolean forGroup = !group.equals("root") && file.permissions().contains(PosixFilePermission.GROUP_WRITE);
            return "EACCES: " + file.owner().getName() + ":" + group + " "
                    + PosixFilePermissions.toString(file.permissions()) + ": "
                    + (forGroup ? "add the user to the group " + group : "a udev rule with GROUP and MODE=\"0660\"");
        } catch (IOException e) {
            return "EACCES: its folder is closed to this user";
        }
    }
}
