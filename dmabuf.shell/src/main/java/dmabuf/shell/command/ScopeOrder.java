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

    /** Creates the listener. */
    public ScopeOrder() {}

    @Override
    public void beforeExecute(CommandSession session, CharSequence command) {
        Object scope = session.get(SCOPE);
        if (scope == null || scope.equals(DEFAULT)) {
            session.put(SCOPE, "dmabuf:" + DEFAULT);
        }
    }

    @Override
    public void afterExecute(CommandSession session, CharSequence command, Exception exception) {}

    @Override
    public void afterExecute(CommandSession session, CharSequence command, Object result) {}
}
