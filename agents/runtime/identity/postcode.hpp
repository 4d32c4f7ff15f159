// British postcodes. An impossible one is kept and flagged: synthetic and mistyped data have them,
// and two records that both carry it still agree.
#pragma once

#include <string>
#include <string_view>

namespace mash::identity {

enum class PostcodeQuality {
    absent,
    real,              ///< the shape, an area that exists, letters that are used
    impossible,        ///< the shape, but no such area or inward letters: kept, flagged
    no_fixed_address,  ///< ZZ99: NHS pseudo postcodes (no fixed abode, overseas); no address
    malformed
};
std::string_view to_text(PostcodeQuality quality);

struct CheckedPostcode {
    std::string text;  ///< "WR5 1AA"; as given without spaces when malformed
    PostcodeQuality quality = PostcodeQuality::absent;
};

/// `A[A]9[9|A] 9AA` or GIR 0AA: upper case, one space before the last three.
CheckedPostcode check_postcode(std::string_view text);

/// The postcode when it is an address (real or impossible), else "".
std::string normalise_postcode(std::string_view text);

}  // namespace mash::identity
