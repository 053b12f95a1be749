# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""The one PowerShell script that runs on Windows hosts (5.1 and later). It never changes; what it runs is its input.

Standard input: base64 of JSON, `{"commands": [...], "environment": {...}}`, a command being
`{"program", "arguments", "seconds", "after", "each"}`. after: run it only if the command of that number (from 0) ended
with 0. each: the words that the command of that number printed are arguments too, and without any it is not run.

Standard output: MARK, base64 of JSON, MARK. Programs' output goes from pipe to base64 as bytes, so neither quoting nor
code pages nor languages ever meet PowerShell's own encoding. All of it is ASCII, on one line.

As -EncodedCommand it is eight characters for three, and cmd.exe takes 8,191 a line.
"""

from __future__ import annotations

import base64
import re

MARK = "#dockmaster#"

_SOURCE = r"""
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
$utf8 = [Text.Encoding]::UTF8
$asked = ConvertFrom-Json ($utf8.GetString([Convert]::FromBase64String((@($input) -join ''))))
$answers = @()
foreach ($one in $asked.commands) {
  $answer = @{code = $null; out = ''; err = ''; why = ''; missing = $false; late = $false; run = $false}
  $answers += $answer
  $line = $one.arguments
  if ($one.after -ne $null -and $answers[$one.after].code -ne 0) { continue }
  if ($one.each -ne $null) {
    $words = $utf8.GetString([Convert]::FromBase64String($answers[$one.each].out)) -split '\s+' -ne ''
    if (-not $words) { continue }
    $line = "$line $($words -join ' ')"
  }
  $answer.run = $true
  try {
    $process = New-Object Diagnostics.Process
    $start = $process.StartInfo
    $start.FileName = $one.program
    $start.Arguments = $line
    $start.UseShellExecute = $false
    $start.CreateNoWindow = $true
    $start.RedirectStandardInput = $start.RedirectStandardOutput = $start.RedirectStandardError = $true
    foreach ($set in $asked.environment.PSObject.Properties) { $start.EnvironmentVariables[$set.Name] = $set.Value }
    [void]$process.Start()
    $process.StandardInput.Close()
    $out = New-Object IO.MemoryStream
    $err = New-Object IO.MemoryStream
    $pipes = $process.StandardOutput.BaseStream.CopyToAsync($out), $process.StandardError.BaseStream.CopyToAsync($err)
    if ($process.WaitForExit(1000 * $one.seconds)) { $answer.code = $process.ExitCode }
    else { $answer.late = $true; $process.Kill() }
    [void][Threading.Tasks.Task]::WaitAll([Threading.Tasks.Task[]]$pipes, 5000)
    $answer.out = [Convert]::ToBase64String($out.ToArray())
    $answer.err = [Convert]::ToBase64String($err.ToArray())
  } catch {
    $fault = $_.Exception.GetBaseException()
    $answer.missing = $fault.NativeErrorCode -in 2, 3
    $answer.why = $fault.Message
  }
}
$user = [Security.Principal.WindowsPrincipal][Security.Principal.WindowsIdentity]::GetCurrent()
$pages = Get-ItemProperty HKLM:\SYSTEM\CurrentControlSet\Control\Nls\CodePage
$cards = [Net.NetworkInformation.NetworkInterface]::GetAllNetworkInterfaces() | Where-Object OperationalStatus -eq Up
$told = @{
  answers = $answers
  elevated = $user.IsInRole([Security.Principal.WindowsBuiltInRole]::Administrator)
  oem = [int]$pages.OEMCP
  ansi = [int]$pages.ACP
  name = [Environment]::MachineName
  version = [string][Environment]::OSVersion.Version
  addresses = @($cards | ForEach-Object { $card = $_.Name; $_.GetIPProperties().UnicastAddresses | ForEach-Object {
    @{ip = [string]$_.Address; prefix = $_.PrefixLength; interface = $card} } })
}
$json = ConvertTo-Json $told -Depth 5 -Compress
'MARK' + [Convert]::ToBase64String($utf8.GetBytes($json)) + 'MARK'
"""

SCRIPT = re.sub(r"\n\s*", "\n", _SOURCE.strip()).replace("MARK", MARK)

COMMAND_LINE = "powershell -NoProfile -NonInteractive -ExecutionPolicy Unrestricted -EncodedCommand " + (
    base64.b64encode(SCRIPT.encode("utf-16-le")).decode()
)
