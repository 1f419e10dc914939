/** The client of an OpenID provider: its settings, its metadata, its endpoints, and the ID tokens that it issues. */
@NullMarked
@NamedInterface("openid")
package io.bactrian.account.openid;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.NamedInterface;
