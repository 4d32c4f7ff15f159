// put() and take() of messages that stand inside messages of another subject. Private to the codec.
// The generated classes are only named here: seeing them whole costs every includer seconds.
#pragma once

#include "common/wire/codec_message.hpp"

namespace mash::v1 {
class Token;
class Agreement;
class SignedClaim;
class RoutingFacts;
class SignedAuthorisation;
class SignedInboxCertificate;
class Clock;
class SealedView;
class Parcel;
}  // namespace mash::v1

namespace mash::wire {

void take(Intake& in, const v1::Seat& from, Seat& to);
void put(const Token& from, v1::Token& to);
void take(Intake& in, const v1::Token& from, Token& to);
void put(const SignedClaim& from, v1::SignedClaim& to);
void take(Intake& in, const v1::SignedClaim& from, SignedClaim& to);
void put(const Agreement& from, v1::Agreement& to);
void take(Intake& in, const v1::Agreement& from, Agreement& to);
void put(const RoutingFacts& from, v1::RoutingFacts& to);
void take(Intake& in, const v1::RoutingFacts& from, RoutingFacts& to);
void put(const SignedAuthorisation& from, v1::SignedAuthorisation& to);
void take(Intake& in, const v1::SignedAuthorisation& from, SignedAuthorisation& to);
void put(const SignedInboxCertificate& from, v1::SignedInboxCertificate& to);
void take(Intake& in, const v1::SignedInboxCertificate& from, SignedInboxCertificate& to);
void put(const Clock& from, v1::Clock& to);
void take(Intake& in, const v1::Clock& from, Clock& to);
void put(const SealedView& from, v1::SealedView& to);
void take(Intake& in, const v1::SealedView& from, SealedView& to);
void put(const Parcel& from, v1::Parcel& to);
void take(Intake& in, const v1::Parcel& from, Parcel& to);

}  // namespace mash::wire
