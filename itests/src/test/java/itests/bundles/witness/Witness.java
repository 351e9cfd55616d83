// SPDX-License-Identifier: Apache-2.0
package itests.bundles.witness;

import dmabuf.api.Exporter;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.ServiceReference;
import org.osgi.service.component.runtime.ServiceComponentRuntime;
import org.osgi.service.log.LogEntry;
import org.osgi.service.log.LogReaderService;

/** Tells whoever asks from outside the framework, in words, in which state the gateway is; needs nothing to be there. */
public final class Witness implements BundleActivator {
    @Override
    public void start(BundleContext context) {
        Supplier<String> words = () -> {
            try {
                return say(context, Exporter.class, Participants::words)
                        + say(context, Exporter.class, Frame::words)
                        + say(context, ServiceComponentRuntime.class, Components::words);
            } catch (RuntimeException notYet) {
                return notYet.toString();
            }
        };
        context.registerService(Supplier.class, words, FrameworkUtil.asDictionary(Map.of("test", "witness")));
        Supplier<String> log = () -> say(context, LogReaderService.class, Witness::log);
        context.registerService(Supplier.class, log, FrameworkUtil.asDictionary(Map.of("test", "log")));
    }

    @Override
    public void stop(BundleContext context) {}

    private static String log(LogReaderService reader) {
        return Collections.list(reader.getLog()).stream().map(LogEntry::getMessage).collect(Collectors.joining("\n"));
    }

    private static <S> String say(BundleContext context, Class<S> type, Function<S, String> question) {
        return Optional.ofNullable(context.getServiceReference(type))
                .flatMap(reference -> Optional.ofNullable(said(context, reference, question)))
                .orElse("no " + type.getSimpleName() + "\n");
    }

    private static <S> String said(BundleContext context, ServiceReference<S> reference, Function<S, String> question) {
        S service = context.getService(reference);
        try {
            return service == null ? "gone\n" : question.apply(service);
        } finally {
            context.ungetService(reference);
        }
    }
}
