// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.command;

import java.util.List;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.CommandSessionListener;
import org.osgi.service.component.annotations.Component;

/**
 * Makes a bare name mean the command of the scope dmabuf where there are several: {@code info} is one of Declarative
 * Services' too. A session that has chosen its own order of scopes keeps it.
 */
@Component
public final class ScopeOrder implements CommandSessionListener {
    private static final String SCOPE = "SCOPE";
    /** What the shell's own profile sets. */
    private static final String DEFAULT = "gogo:*";
    /** Execution takes the first scope that has the command, but forgets what "*" found when another scope follows. */
    private static final String TO_EXECUTE = "dmabuf:" + DEFAULT;
    /** The completion of the line editor takes the last. */
    private static final String TO_COMPLETE = TO_EXECUTE + ":dmabuf";

    private static final List<String> OURS = List.of(DEFAULT, TO_EXECUTE, TO_COMPLETE);

    /** Creates the listener. */
    public ScopeOrder() {}

    @Override
    public void beforeExecute(CommandSession session, CharSequence command) {
        order(session, TO_EXECUTE);
    }

    private static void order(CommandSession session, String order) {
        Object scope = session.get(SCOPE);
        if (scope == null || OURS.contains(scope.toString())) {
            session.put(SCOPE, order);
        }
    }

    @Override
    public void afterExecute(CommandSession session, CharSequence command, Exception exception) {
        order(session, TO_COMPLETE);
    }

    /** The profile has set its own order by now, and the line editor completes names before anything is executed. */
    @Override
    public void afterExecute(CommandSession session, CharSequence command, Object result) {
        order(session, TO_COMPLETE);
    }
}
