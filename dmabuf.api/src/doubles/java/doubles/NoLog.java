// SPDX-License-Identifier: Apache-2.0
package doubles;

import java.lang.reflect.Proxy;
import org.osgi.service.log.Logger;

/** A logger for what has nothing to say: a line is an AssertionError. */
public final class NoLog {
    /** The logger. */
    public static final Logger LOGGER = (Logger) Proxy.newProxyInstance(
            NoLog.class.getClassLoader(), new Class<?>[] {Logger.class}, (proxy, method, arguments) -> {
                throw new AssertionError(method.getName() + ": " + arguments[0]);
            });

    private NoLog() {}
}
