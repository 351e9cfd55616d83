// SPDX-License-Identifier: Apache-2.0
package dmabuf.linux;

import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import org.osgi.service.log.Logger;

/** A logger that keeps its lines: the level's name, the text, its values. */
final class RecordedLog {
    final List<String> lines = new ArrayList<>();

    Logger logger() {
        return (Logger) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {Logger.class}, (proxy, method, arguments) -> {
                    String text = arguments[0].toString();
                    for (int i = 1; i < arguments.length; i++) {
                        text = text.replaceFirst("\\{}", arguments[i].toString());
                    }
                    lines.add(method.getName() + ": " + text);
                    return null;
                });
    }
}
