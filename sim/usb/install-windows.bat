@echo off
rem Installs phased from this stick into a folder of its own. Needs no internet and no administrator.
setlocal
set "HERE=%~dp0"
set "THERE=%USERPROFILE%\phased"
where py >nul 2>nul && (set "PYTHON=py -3") || (set "PYTHON=python")
%PYTHON% --version >nul 2>nul || (
  echo Python was not found. It is not on this stick: install Python {{pythons}} first.
  pause
  exit /b 1
)
%PYTHON% -m venv "%THERE%" || (pause & exit /b 1)
"%THERE%\Scripts\python.exe" -m pip install --quiet --disable-pip-version-check --no-index --find-links "%HERE%wheels" "{{wanted}}" || (
  echo.
  echo That did not work. This stick has wheels for Python {{pythons}}; here is:
  %PYTHON% --version
  pause
  exit /b 1
)
echo Done. Start an exercise with:
echo.
echo   "%THERE%\Scripts\phased.exe" serve --exercise {{exercise}} --host 0.0.0.0
echo.
pause
