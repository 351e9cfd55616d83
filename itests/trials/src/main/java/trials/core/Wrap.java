// SPDX-License-Identifier: Apache-2.0
package trials.core;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import org.jspecify.annotations.Nullable;

/** Stands between a caller and what it calls: an interface of the SPI, or the system calls. */
public interface Wrap {
    /** Lets every call through. */
    Wrap NOTHING = new Wrap() {};

    /** One call that is under way. */
    interface Call {
        /** Makes it. */
        @Nullable Object make() throws Throwable;
    }

    /** Answers a call; by default as the real one does. */
    default @Nullable Object answer(Method method, @Nullable Object[] arguments, Call real) throws Throwable {
        return real.make();
    }

    /** Returns an object of the type whose calls go through {@link #answer}. */
    default <T> T around(Class<T> type, T real) {
        Object wrapped = Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (_, method, arguments) -> {
            method.setAccessible(true); // The interface of the system calls is not public.
            if (method.getDeclaringClass() == Object.class) {
                return method.invoke(real, arguments);
            }
            Call call = () -> invoke(method, real, arguments);
            return answer(method, arguments == null ? new Object[0] : arguments, call);
        });
        return type.cast(wrapped);
    }

    private static @Nullable Object invoke(Method method, Object real, Object @Nullable [] arguments) throws Throwable {
        try {
            return method.invoke(real, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }
}
