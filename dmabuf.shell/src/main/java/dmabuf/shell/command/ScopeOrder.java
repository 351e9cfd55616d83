// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.command;

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
    /** Execution takes the first scope that has the command; the completion of the line editor the last. */
    private static final String ORDER = "dmabuf:" + DEFAULT + ":dmabuf";

    /** Creates the listener. */
    public ScopeOrder() {}

    @Override
    public void beforeExecute(CommandSession session, CharSequence command) {
        order(session);
    }

    private static void order(CommandSession session) {
        Object scope = session.get(SCOPE);
        if (scope == null || scope.equals(DEFAULT)) {
            session.put(SCOPE, ORDER);
        }
    }

    @Override
    public void afterExecute(CommandSession session, CharSequence command, Exception exception) {
        order(session);
    }

    /** The profile has set its own order by now, and the line editor completes names before anything is executed. */
    @Override
    public void afterExecute(CommandSession session, CharSequence command, Object result) {
        order(session);
    }
}
