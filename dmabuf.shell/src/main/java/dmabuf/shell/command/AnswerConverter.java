// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.command;

import java.util.Collection;
import org.apache.felix.service.command.Converter;
import org.jspecify.annotations.Nullable;
import org.osgi.service.component.annotations.Component;

/** Tells Gogo how an {@link Answer} looks on a console and in a pipe, and what a loop over it goes through. */
@Component(property = Converter.CONVERTER_CLASSES + "=dmabuf.shell.command.Answer")
public final class AnswerConverter implements Converter {
    /** Creates the converter. */
    public AnswerConverter() {}

    @Override
    public @Nullable Object convert(Class<?> desired, Object from) {
        if (!(from instanceof Answer answer)) {
            return null;
        }
        if (desired == String.class || desired == CharSequence.class) {
            return answer.toString();
        }
        return desired == Collection.class || desired == Iterable.class ? answer.rows() : null;
    }

    @Override
    public @Nullable CharSequence format(Object target, int level, Converter escape) {
        return target instanceof Answer answer ? answer.toString() : null;
    }
}
