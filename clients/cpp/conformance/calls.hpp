#pragma once

#include <nlohmann/json.hpp>
#include <pixret/client.hpp>
#include <string>

/// A rejection as a driver tells it.
nlohmann::json plain(const pixret::Rejection& rejection);

/// Makes all calls that sending does not make, and says what they gave.
nlohmann::json other_calls(pixret::Client& client, const std::string& session);

/// Deletes a session, and gives the code of asking for it afterwards.
std::string deleted(pixret::Client& client, const std::string& session);
