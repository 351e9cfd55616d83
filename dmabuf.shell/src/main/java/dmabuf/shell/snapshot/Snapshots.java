// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.snapshot;

import dmabuf.api.DmaBufException;
import dmabuf.api.Reason;
import dmabuf.shell.text.NearNames;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.osgi.service.component.annotations.Component;

/** The snapshots of all sessions, by name; when there are too many the oldest goes. */
@Component(service = Snapshots.class)
public final class Snapshots {
    /** How many are kept. */
    static final int MOST = 16;

    private final Map<String, Snapshot> byName = new LinkedHashMap<>();

    /** Starts with none. */
    public Snapshots() {}

    /** Keeps a snapshot, in the place of one with the same name. */
    public synchronized void keep(String name, Snapshot snapshot) {
        byName.remove(name);
        byName.put(name, snapshot);
        if (byName.size() > MOST) {
            byName.remove(names().getFirst());
        }
    }

    /**
     * Returns a snapshot.
     *
     * @throws DmaBufException INVALID when none has the name; it offers the near ones
     */
    public synchronized Snapshot of(String name) {
        Snapshot found = byName.get(name);
        if (found == null) {
            throw new DmaBufException(
                    Reason.INVALID, "no snapshot has the name " + name + ": " + NearNames.hint(name, names()));
        }
        return found;
    }

    /** Returns the names, the oldest first. */
    public synchronized List<String> names() {
        return List.copyOf(byName.keySet());
    }
}
