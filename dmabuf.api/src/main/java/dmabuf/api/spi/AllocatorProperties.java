// SPDX-License-Identifier: Apache-2.0
package dmabuf.api.spi;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.osgi.annotation.bundle.Attribute;
import org.osgi.annotation.bundle.Capability;
import org.osgi.service.component.annotations.ComponentPropertyType;

/**
 * The service properties of an allocator, as a component property type: {@code dmabuf.allocator.id} and so on. They are
 * read without calling the bundle, visible in filters, and overridden by configuration; a changed priority re-sorts at
 * once. A bundle whose component carries it provides the capability {@code dmabuf.allocator} with the type.
 */
@Capability(namespace = "dmabuf.allocator", version = "1.0.0")
@ComponentPropertyType
@Retention(RetentionPolicy.CLASS)
@Target(ElementType.TYPE)
public @interface AllocatorProperties {
    /** Prefix of the property names. */
    String PREFIX_ = "dmabuf.allocator.";

    /**
     * Property {@code dmabuf.allocator.id}: the unique id, a String; a service without one is refused. Another id takes
     * effect in place: storage goes by the new one, and who has that already keeps it.
     */
    String id();

    /** Property {@code dmabuf.allocator.type}: what kind it is, for example {@code contig}. */
    @Attribute
    String type();

    /** Property {@code dmabuf.allocator.priority}: higher is asked first; equal ones by id. */
    int priority() default 0;
}
