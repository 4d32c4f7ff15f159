// One HL7 v2 ADT message as typed values. Every value that was there and could not be read has a
// fault with its place and the reason; the rest of the message is used.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "agents/health/hl7_message.hpp"
#include "agents/runtime/core/source_date.hpp"
#include "common/base/personal.hpp"

namespace mash::health {

/// Names place and rule, never the value.
struct FieldFault {
    std::string field;  ///< "PID-7"
    std::string rule;   ///< "bad_date"
    std::string message;
};

struct AdtName {
    PersonalText family;
    PersonalText given;
};

struct AdtPerson {
    std::string mrn;          ///< the hospital's own number: says nothing about the person
    PersonalText nhs_number;  ///< as sent: its check digit may be wrong
    std::string nhs_number_status;
    PersonalText family;
    PersonalText given;
    PersonalText middle;
    PersonalText title;
    std::vector<AdtName> aliases;
    std::optional<runtime::SourceTime> born;  ///< the date never moves by a day because of a zone
    std::string sex;                          ///< "M", "F", "U", "O" as sent
    PersonalText address;
    PersonalText postcode;
    std::vector<PersonalText> phones;
    PersonalText ethnic_group;  ///< the code as sent
    PersonalText religion;
    std::optional<bool> dead;  ///< PID-30 decides; nothing: not said
    std::optional<runtime::SourceTime> died_at;
    std::string gp_practice;

    /// "2016-02-29", or "".
    std::string birth_date() const;
};

enum class PatientClass {
    unknown,
    emergency,
    inpatient,
    outpatient,
    day_case,
    not_applicable,
};

struct AdtVisit {
    PatientClass patient_class = PatientClass::unknown;
    std::string admission_type;  ///< PV1-4
    std::string location;        ///< the first three parts, "T42E^T42E BY02^BY02-17"
    std::string previous_location;
    std::string number;  ///< PV1-19; "" when it is not said
    std::optional<runtime::SourceTime> admitted_at;
    std::optional<runtime::SourceTime> discharged_at;
    std::string discharge_disposition;
    std::string discharged_to;
    std::string arrival_mode;  ///< PV2-38
};

struct AdtMessage {
    std::string type;   ///< "ADT"
    std::string event;  ///< "A01"
    std::string id;     ///< MSH-10
    std::string application;
    std::string facility;
    std::string processing;  ///< "P", "T", "D"; "" when it is not said
    std::string version;
    std::optional<runtime::SourceTime> sent_at;
    std::optional<runtime::SourceTime> recorded_at;
    std::optional<runtime::SourceTime> occurred_at;  ///< EVN-6
    std::string reason;
    AdtPerson person;
    AdtVisit visit;
    std::optional<AdtPerson> other_person;  ///< of A17: who changed places
    std::optional<AdtVisit> other_visit;
    std::string previous_mrn;
    std::string previous_visit;
    bool has_pid = false;
    std::vector<FieldFault> faults;

    /// When it happened, as far as the message says: EVN-6, else EVN-2, else MSH-7.
    std::optional<runtime::SourceTime> happened_at() const;
};

AdtMessage read_adt(const Hl7Message& message);

}  // namespace mash::health
