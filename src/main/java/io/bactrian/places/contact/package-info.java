/** Ways to contact a place, from its own website: e-mail addresses and pages in social networks. */
@NullMarked
package io.bactrian.places.contact;

import org.jspecify.annotations.NullMarked;
